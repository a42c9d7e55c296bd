package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/config"
)

// askForBackup has the service that has the folder make a backup.
func askForBackup(ctx context.Context, cfg config.Config, w io.Writer) error {
	addr, err := awaitAddress(ctx, cfg.DataDir)
	if err != nil {
		return err
	}
	cfg.HTTP.Addr = "127.0.0.1:1" // any: the address is known
	api, err := newAPIClient(cfg)
	if err != nil {
		return err
	}
	api.http = http.DefaultClient // a backup takes the time it takes
	res, err := api.send(ctx, http.MethodPost, addr+"/api/v1/backups", nil)
	if err != nil {
		return fmt.Errorf("ask the running service: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the running service makes no backup: %w", readAnswer(res, nil))
	}
	defer res.Body.Close()
	if _, err := io.Copy(w, res.Body); err != nil {
		return fmt.Errorf("read the backup from the running service: %w", err)
	}
	return nil
}

// startPatience is how long a service may take from having its folder to
// listening.
const startPatience = 30 * time.Second

// awaitAddress waits until the service that has the folder says where it
// listens.
func awaitAddress(ctx context.Context, dir string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if addr := serviceAddress(dir); addr != "" {
			return addr, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", errors.New("data_dir is in use, but by no service that says where it listens: try again " +
				"when it has started or ended")
		}
	}
}
