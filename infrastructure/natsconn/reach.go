package natsconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/nats-io/nats.go"
)

// Access is how to reach a server outside. The files are read again for each
// connection, so that they can be exchanged under a running process.
type Access struct {
	// Token, User and Password, and Credentials, a file with a JWT and a seed,
	// say who we are. Default to empty.
	Token, User, Password, Credentials string
	// CA, Cert and Key are PEM files. Any of them makes the connection use
	// TLS. Default to empty.
	CA, Cert, Key string
}

// options are those of the client. A file that can not be used is found here,
// since a connection would be tried with it for ever.
func (a Access) options() ([]nats.Option, error) {
	var out []nats.Option
	if a.Token != "" {
		out = append(out, nats.Token(a.Token))
	}
	if a.User != "" {
		out = append(out, nats.UserInfo(a.User, a.Password))
	}
	if a.Credentials != "" {
		if err := readable(a.Credentials); err != nil {
			return nil, fmt.Errorf("nats.credentials: %w", err)
		}
		out = append(out, nats.UserCredentials(a.Credentials))
	}
	if a.CA != "" {
		if err := checkAuthorities(a.CA); err != nil {
			return nil, fmt.Errorf("nats.tls.ca: %w", err)
		}
		out = append(out, nats.RootCAs(a.CA))
	}
	if a.Cert != "" {
		for key, file := range map[string]string{"nats.tls.cert": a.Cert, "nats.tls.key": a.Key} {
			if err := readable(file); err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
		}
		if _, err := tls.LoadX509KeyPair(a.Cert, a.Key); err != nil {
			return nil, fmt.Errorf("nats.tls.cert and nats.tls.key: %w", err)
		}
		out = append(out, nats.ClientCert(a.Cert, a.Key))
	}
	return out, nil
}

func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

func checkAuthorities(path string) error {
	pem, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s holds no certificate in PEM format", path)
	}
	return nil
}

// advice says what to look at when a connection fails for a reason; empty when
// there is nothing to say.
func (a Access) advice(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var network *net.OpError
	text := err.Error()
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired),
		errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired):
		return a.identityAdvice()
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "the server speaks no TLS: switch it on there, or leave nats.tls.ca, cert and key empty and begin " +
			"nats.url with nats://"
	case errors.As(err, &unknown):
		return "nats.tls.ca must hold the authority of the server's certificate"
	case errors.As(err, &host):
		return "nats.url must name the server as its certificate does"
	case errors.As(err, &invalid):
		return "the server's certificate is not valid (any more): make a new one there"
	case strings.Contains(text, "certificate required"), strings.Contains(text, "bad certificate"),
		strings.Contains(text, "unknown certificate"):
		return a.certificateAdvice()
	case errors.As(err, &network) && network.Op == "dial", errors.Is(err, nats.ErrNoServers):
		return "see that the server runs and that nats.url is right"
	}
	return ""
}

func (a Access) identityAdvice() string {
	switch {
	case a.Credentials != "":
		return "the server does not take nats.credentials"
	case a.User != "":
		return "the server does not take nats.user and nats.password"
	case a.Token != "":
		return "the server does not take nats.token"
	}
	return "the server asks who we are: set nats.user and nats.password, nats.token or nats.credentials"
}

func (a Access) certificateAdvice() string {
	if a.Cert == "" {
		return "the server asks for a certificate: set nats.tls.cert and nats.tls.key"
	}
	return "the server does not take the certificate of nats.tls.cert"
}
