package usecase_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

const gib = 1 << 30

func TestDiskLevels(t *testing.T) {
	t.Parallel()
	usual := usecase.DiskRules{Warn: 15, Clicks: 5, Reserve: 256 << 20}
	elsewhere, none := usual, usecase.DiskRules{}
	elsewhere.Elsewhere = true
	for _, c := range []struct {
		rules usecase.DiskRules
		room  usecase.DiskRoom
		want  usecase.DiskLevel
	}{
		{usual, usecase.DiskRoom{}, usecase.DiskPlenty},
		{usual, usecase.DiskRoom{Free: 15 * gib, Total: 100 * gib}, usecase.DiskPlenty},
		{usual, usecase.DiskRoom{Free: 15*gib - 1, Total: 100 * gib}, usecase.DiskLow},
		{usual, usecase.DiskRoom{Free: 5 * gib, Total: 100 * gib}, usecase.DiskLow},
		{usual, usecase.DiskRoom{Free: 5*gib - 1, Total: 100 * gib}, usecase.DiskNoClicks},
		{usual, usecase.DiskRoom{Free: 256 << 20, Total: 100 * gib}, usecase.DiskNoClicks},
		{usual, usecase.DiskRoom{Free: 256<<20 - 1, Total: 100 * gib}, usecase.DiskFull},
		{usual, usecase.DiskRoom{Free: 0, Total: gib}, usecase.DiskFull},
		{usual, usecase.DiskRoom{Free: 255 << 20, Total: 256 << 20}, usecase.DiskFull}, // however empty
		{elsewhere, usecase.DiskRoom{Free: 20 * gib, Total: 100 * gib}, usecase.DiskPlenty},
		{elsewhere, usecase.DiskRoom{Free: 1, Total: 100 * gib}, usecase.DiskLow},
		{none, usecase.DiskRoom{Free: 0, Total: gib}, usecase.DiskPlenty},
	} {
		if got := c.rules.Level(c.room); got != c.want {
			t.Errorf("%+v with %+v: level %d, want %d", c.rules, c.room, got, c.want)
		}
	}
}

// TestDiskWatch: the room is measured now and then, however many ask; what it
// allows follows it down and up again by itself, and each change is told once.
func TestDiskWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		room, measured, fault := usecase.DiskRoom{Free: 50 * gib, Total: 100 * gib}, 0, error(nil)
		set := func(free int64, err error) {
			mu.Lock()
			room.Free, fault = free, err
			mu.Unlock()
			time.Sleep(3 * time.Second)
		}
		var told []usecase.DiskLevel
		w := usecase.NewDiskWatch(usecase.DiskRules{Warn: 15, Clicks: 5, Reserve: 256 << 20},
			func() (usecase.DiskRoom, error) {
				mu.Lock()
				defer mu.Unlock()
				measured++
				return room, fault
			}, func(l usecase.DiskLevel, _ usecase.DiskRoom) { told = append(told, l) })
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = w.Run(ctx) })
		for _, c := range []struct {
			free           int64
			fault          error
			clicks, events bool
		}{
			{50 * gib, nil, true, true}, {10 * gib, nil, true, true}, {4 * gib, nil, false, true},
			{gib / 8, nil, false, false}, {0, errors.New("no such disk"), true, true}, {gib / 8, nil, false, false},
			{20 * gib, nil, true, true},
		} {
			set(c.free, c.fault)
			for range 1000 {
				err := w.Refuses()
				if w.TakesClicks() != c.clicks || (err == nil) != c.events ||
					err != nil && !errors.Is(err, domain.ErrUnavailable) {
					t.Fatalf("%d bytes free: clicks %v, %v", c.free, w.TakesClicks(), err)
				}
			}
		}
		cancel()
		running.Wait()
		if measured > 12 {
			t.Errorf("measured %d times in 21 s", measured)
		}
		if len(told) != 6 {
			t.Errorf("told of %v", told)
		}
	})
	var none *usecase.DiskWatch
	if !none.TakesClicks() || none.Refuses() != nil {
		t.Error("where nobody watches something is refused")
	}
}
