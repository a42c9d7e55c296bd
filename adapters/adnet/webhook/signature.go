package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

const secretPrefix = "whsec_"

// Bytes of a key: the least and the most the specification wants, and how
// many one of ours has.
const (
	minKey  = 24
	maxKey  = 64
	madeKey = 32
)

// NewSecret makes a secret for an account that was given none.
func NewSecret(random io.Reader) (string, error) {
	b := make([]byte, madeKey)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("make a webhook's secret: %w", err)
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(b), nil
}

// key is the bytes that sign. Some libraries hand secrets out without their
// prefix and take both; so does this.
func key(secret string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(secret), secretPrefix))
	if err != nil || len(b) == 0 {
		return nil, errors.New("not a webhook's secret")
	}
	return b, nil
}

// Sign gives the signature of a call under one secret:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#symmetric
func Sign(secret, id, timestamp string, body []byte) (string, error) {
	k, err := key(secret)
	if err != nil {
		return "", err
	}
	h := hmac.New(sha256.New, k)
	_, _ = fmt.Fprintf(h, "%s.%s.", id, timestamp)
	_, _ = h.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)), nil
}

// signatures are one, or two while a secret is being replaced, so that the
// receiver may change over at any moment in between.
func signatures(st adnet.Settings, id, timestamp string, body []byte) (string, error) {
	sig, err := Sign(st.Text("secret"), id, timestamp, body)
	if err != nil || st.Text("previous_secret") == "" {
		return sig, err
	}
	old, err := Sign(st.Text("previous_secret"), id, timestamp, body)
	return sig + " " + old, err
}
