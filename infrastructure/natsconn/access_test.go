package natsconn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
)

// outside starts a NATS server on a port of its own.
func outside(t *testing.T, o server.Options) *server.Server {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	o.JetStream, o.StoreDir, o.JetStreamMaxStore = true, t.TempDir(), 1<<50
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server does not start")
	}
	return s
}

// says opens a connection that does not come about, and waits for the reason.
func says(t *testing.T, o natsconn.Options, want ...string) {
	t.Helper()
	c := open(t, o)
	defer closeConn(t, c)
	for _, w := range want {
		eventually(t, "the reason "+w, func() bool {
			err := c.Ready()
			return err != nil && strings.Contains(err.Error(), w)
		})
	}
	if err := c.Ready(); err != nil && strings.Contains(err.Error(), "hush") {
		t.Errorf("the reason shows a secret: %v", err)
	}
}

func connects(t *testing.T, o natsconn.Options) {
	t.Helper()
	c := open(t, o)
	defer closeConn(t, c)
	eventually(t, "the connection", func() bool { return c.Ready() == nil })
	stream(t, c)
}

func TestUserAndPassword(t *testing.T) {
	t.Parallel()
	s := outside(t, server.Options{Username: "eve", Password: "hush"})
	connects(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{User: "eve", Password: "hush"}})
	says(t, natsconn.Options{URL: s.ClientURL()}, "set nats.user and nats.password")
	says(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{User: "eve", Password: "hush hush"}},
		"does not take nats.user and nats.password")
	says(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{Token: "hush"}}, "does not take nats.token")
}

// signed takes those who sign the server's nonce, or nobody.
type signed bool

func (k signed) Check(c server.ClientAuthentication) bool { return bool(k) && c.GetOpts().Sig != "" }

func TestCredentials(t *testing.T) {
	t.Parallel()
	// The seed was made for this test.
	file := put(t, "-----BEGIN NATS USER JWT-----\nhead.body.signature\n------END NATS USER JWT------\n\n"+
		"-----BEGIN USER NKEY SEED-----\nSUACIZXXAC2VPP6VX25OEZBDLVE6ETQPXNFYQB7T2XAZY2RW6AJQBHTO44\n"+
		"------END USER NKEY SEED------\n")
	s := outside(t, server.Options{CustomClientAuthentication: signed(true), AlwaysEnableNonce: true})
	connects(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{Credentials: file}})
	says(t, natsconn.Options{URL: s.ClientURL()}, "nats.credentials")
	s = outside(t, server.Options{CustomClientAuthentication: signed(false), AlwaysEnableNonce: true})
	says(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{Credentials: file}},
		"does not take nats.credentials")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cert, key := ca.issue(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	s := outside(t, server.Options{TLSTimeout: 5, TLSVerify: true, TLSConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs: pool,
	}})
	connects(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{CA: ca.file, Cert: cert, Key: key}})
	says(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{Cert: cert, Key: key}}, "nats.tls.ca")
	says(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{CA: ca.file}}, "set nats.tls.cert")
	other, otherKey := newAuthority(t).issue(t)
	says(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{CA: ca.file, Cert: other, Key: otherKey}},
		"nats.tls.cert")
	plain := outside(t, server.Options{})
	says(t, natsconn.Options{URL: plain.ClientURL(), Access: natsconn.Access{CA: ca.file}}, "speaks no TLS")
}

// A wrong file would be tried for ever, so that it is found at the start.
func TestAccessFiles(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cert, _ := ca.issue(t)
	_, key := ca.issue(t)
	gone, text := filepath.Join(t.TempDir(), "gone"), put(t, "no PEM")
	for name, c := range map[string]struct {
		a    natsconn.Access
		want string
	}{
		"no credentials":      {natsconn.Access{Credentials: gone}, "nats.credentials: "},
		"no authority":        {natsconn.Access{CA: gone}, "nats.tls.ca: "},
		"no PEM":              {natsconn.Access{CA: text}, "nats.tls.ca: "},
		"no certificate":      {natsconn.Access{Cert: gone, Key: key}, "nats.tls.cert: "},
		"no key":              {natsconn.Access{Cert: cert, Key: gone}, "nats.tls.key: "},
		"a key of another":    {natsconn.Access{Cert: cert, Key: key}, "nats.tls.cert and nats.tls.key: "},
		"text as certificate": {natsconn.Access{Cert: text, Key: key}, "nats.tls.cert and nats.tls.key: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := natsconn.Open(t.Context(), natsconn.Options{URL: "nats://127.0.0.1:1", Access: c.a})
			if err == nil {
				closeConn(t, conn)
				t.Fatal("opened")
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// What the server forbids is known a moment later, though the request itself
// only times out.
func TestDenied(t *testing.T) {
	t.Parallel()
	s := outside(t, server.Options{Users: []*server.User{{Username: "eve", Password: "hush",
		Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{"things.>"}}}}}})
	c := open(t, natsconn.Options{URL: s.ClientURL(), Access: natsconn.Access{User: "eve", Password: "hush"}})
	defer closeConn(t, c)
	eventually(t, "the connection", func() bool { return c.Ready() == nil })
	if err := c.Denied(); err != nil {
		t.Fatal(err)
	}
	if err := c.NC.Publish("things.a", nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the refusal", func() bool {
		err := c.Denied()
		return err != nil && strings.Contains(err.Error(), "things.a")
	})
}

func put(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = put(t, encoded("CERTIFICATE", der))
	return a
}

// issue makes a certificate that serves both ends, and its key.
func (a *authority) issue(t *testing.T) (cert, key string) {
	t.Helper()
	k := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "end"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, k.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return put(t, encoded("CERTIFICATE", der)), put(t, encoded("EC PRIVATE KEY", raw))
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func encoded(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
