package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

// apiClient calls the management API of the running server, found by the
// configuration that the server has, too.
type apiClient struct {
	bases []string // tried in order until one is reached
	token string
	http  *http.Client
}

// newAPIClient reads where the server is and the admin's token.
func newAPIClient(cfg config.Config) (*apiClient, error) {
	token := cfg.AdminToken
	if token == "" {
		path := filepath.Join(cfg.DataDir, secrets.AdminTokenFile)
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("the admin token: neither admin_token is set nor can the server's file be "+
				"read: %w", err)
		}
		token = strings.TrimSpace(string(b))
	}
	c := &apiClient{token: token, http: &http.Client{Timeout: time.Minute}}
	if base := localBase(cfg.HTTP.Addr); base != "" {
		c.bases = append(c.bases, base)
	}
	if public := strings.TrimSuffix(cfg.PublicURL, "/"); public != "" && public != "http://"+cfg.HTTP.Addr {
		c.bases = append(c.bases, public)
	}
	if len(c.bases) == 0 {
		return nil, wrong("http.addr: with port 0 nobody knows where the server listens; set public_url, or a port")
	}
	return c, nil
}

// localBase is the address of a server that listens at addr, from here.
func localBase(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "0" {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// apiError is an answer of the server that is not what was asked for.
type apiError struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Field  string `json:"field"`
		Detail string `json:"detail"`
	} `json:"errors"`
}

// Error gives all that the server said.
func (e *apiError) Error() string {
	if len(e.Errors) > 1 {
		var all []string
		for _, f := range e.Errors {
			all = append(all, f.Field+": "+f.Detail)
		}
		return strings.Join(all, "; ")
	}
	if e.Detail != "" {
		return e.Detail
	}
	return fmt.Sprintf("the server answered %d %s", e.Status, e.Title)
}

// call sends a JSON body, if any, and reads the JSON answer, if wanted.
func (c *apiClient) call(ctx context.Context, method, path string, body, into any) error {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	var errs []error
	for _, base := range c.bases {
		res, err := c.send(ctx, method, base+"/api/v1"+path, data)
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			errs = append(errs, err)
			continue
		}
		if err != nil {
			return err
		}
		return readAnswer(res, into)
	}
	return fmt.Errorf("the server can not be reached; is `tgtrack serve` running with this configuration? %w",
		errors.Join(errs...))
}

func (c *apiClient) send(ctx context.Context, method, url string, data []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if len(data) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.http.Do(req)
}

func readAnswer(res *http.Response, into any) error {
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	if res.StatusCode >= 300 {
		e := &apiError{}
		if json.Unmarshal(b, e) != nil || e.Status == 0 {
			e = &apiError{Status: res.StatusCode, Title: http.StatusText(res.StatusCode)}
		}
		return e
	}
	if into == nil || len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("the server's answer is no JSON that is known: %w", err)
	}
	return nil
}

// away tells whether an error may pass by itself: the server is starting, or
// its storage is away.
func away(err error) bool {
	var e *apiError
	if errors.As(err, &e) {
		return e.Status == http.StatusServiceUnavailable || e.Status == http.StatusBadGateway
	}
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
