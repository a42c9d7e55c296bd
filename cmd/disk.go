package cmd

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tgtrack/tgtrack/adapters/httpapi/public"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/usecase"
)

// diskRules are what the configuration says of the room on the disk.
func diskRules(cfg config.Config) usecase.DiskRules {
	return usecase.DiskRules{
		Warn: float64(cfg.Disk.WarnBelow), Clicks: float64(cfg.Disk.ClicksBelow), Reserve: int64(cfg.Disk.Reserve),
		Elsewhere: !cfg.SQLite(),
	}
}

// newDiskWatch watches the disk of data_dir, if something is kept there that
// grows.
func newDiskWatch(cfg config.Config, reg *prometheus.Registry, logger *slog.Logger) *usecase.DiskWatch {
	w := usecase.NewDiskWatch(diskRules(cfg), func() (usecase.DiskRoom, error) {
		if !cfg.SQLite() && cfg.NATS.URL != "" {
			return usecase.DiskRoom{}, nil
		}
		free, total, err := diskRoom(cfg.DataDir)
		return usecase.DiskRoom{Free: free, Total: total}, err
	}, func(level usecase.DiskLevel, room usecase.DiskRoom) { sayRoom(logger, cfg.DataDir, level, room) })
	figure := func(name, help string, value func(usecase.DiskRoom, usecase.DiskLevel) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tgtrack_disk_" + name, Help: help},
			func() float64 { return value(w.Room()) })
	}
	reg.MustRegister(
		figure("free_bytes", "Room on the disk of data_dir; 0 with tgtrack_disk_total_bytes 0 where it is not known.",
			func(r usecase.DiskRoom, _ usecase.DiskLevel) float64 { return float64(r.Free) }),
		figure("total_bytes", "Size of the disk of data_dir.",
			func(r usecase.DiskRoom, _ usecase.DiskLevel) float64 { return float64(r.Total) }),
		figure("level", "0 while there is room, 1 below disk.warn_below, 2 while clicks are not stored, 3 while "+
			"requests are refused.",
			func(_ usecase.DiskRoom, l usecase.DiskLevel) float64 { return float64(l) }),
	)
	return w
}

// sayRoom logs that the disk is at another level.
func sayRoom(logger *slog.Logger, dir string, level usecase.DiskLevel, room usecase.DiskRoom) {
	log := logger.With("data_dir", dir, "free", bytesText(room.Free), "total", bytesText(room.Total))
	if level == usecase.DiskPlenty {
		log.Info("there is room on the disk again")
		return
	}
	log.Warn(diskMeans(level) + "; make room, or move data_dir")
}

// diskMeans says what becomes of what arrives.
func diskMeans(level usecase.DiskLevel) string {
	switch level {
	case usecase.DiskLow:
		return say("the disk fills up")
	case usecase.DiskNoClicks:
		return say("the disk is nearly full: clicks are not stored, visitors get the link's own start value")
	case usecase.DiskFull:
		return say("the disk is nearly full: requests are answered 503")
	}
	return say("there is room")
}

// diskDependency is the disk as /readyz shows it.
func diskDependency(dir string, w *usecase.DiskWatch) public.Dependency {
	return public.Dependency{Name: "disk", Required: true, Check: func(context.Context) error {
		room, level := w.Room()
		if level < usecase.DiskNoClicks {
			return nil
		}
		err := fmt.Errorf("%s; %s of %s are free in %s; make room, or move data_dir", diskMeans(level),
			bytesText(room.Free), bytesText(room.Total), dir)
		if level < usecase.DiskFull {
			return public.Degraded(err)
		}
		return err
	}}
}

// disk looks at the room in the data folder, which holds whatever is embedded.
func (d *doctor) disk() []finding {
	free, total, err := diskRoom(d.cfg.DataDir)
	if err != nil || total == 0 {
		return []finding{{
			"disk", isAdvice, say("the room in %s is not known", d.cfg.DataDir),
			say("look at it by other means"),
		}}
	}
	f := fine("disk", "%s of %s free in %s", bytesText(free), bytesText(total), d.cfg.DataDir)
	switch level := diskRules(d.cfg).Level(usecase.DiskRoom{Free: free, Total: total}); level {
	case usecase.DiskPlenty:
		return []finding{f}
	case usecase.DiskLow:
		f.State, f.Do = isAdvice, say("make room, or move data_dir; below disk.clicks_below (%s) clicks are not "+
			"stored, below disk.reserve (%s) requests are answered 503", d.cfg.Disk.ClicksBelow, d.cfg.Disk.Reserve)
	default:
		f.State, f.Is, f.Do = isProblem, f.Is+"; "+diskMeans(level), say("make room, or move data_dir; it heals by itself")
	}
	return []finding{f}
}
