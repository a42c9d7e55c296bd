package usecase

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// DiskRoom is the room in a file system, in bytes. The zero value is one of which
// nothing is known.
type DiskRoom struct{ Free, Total int64 }

// Share is how much is free, in percent.
func (r DiskRoom) Share() float64 {
	if r.Total == 0 {
		return 100
	}
	return 100 * float64(r.Free) / float64(r.Total)
}

// DiskLevel is what the room on the disk allows. Each allows less than the one
// before.
type DiskLevel int

// Levels of the room.
const (
	DiskPlenty   DiskLevel = iota
	DiskLow                // somebody is to look
	DiskNoClicks           // clicks are not stored any more
	DiskFull               // nor is anything else
)

// DiskRules say from where on the room is too little. 0 stands for never.
type DiskRules struct {
	Warn, Clicks float64 // percent
	Reserve      int64   // bytes
	// Elsewhere: the database has a disk of its own. What is here are streams,
	// which the database can fill again, and so nothing is refused.
	Elsewhere bool
}

// Level of a room.
func (r DiskRules) Level(room DiskRoom) DiskLevel {
	free := room.Share()
	switch {
	case room.Total == 0:
		return DiskPlenty
	case !r.Elsewhere && room.Free < r.Reserve:
		return DiskFull
	case !r.Elsewhere && free < r.Clicks:
		return DiskNoClicks
	case free < r.Warn, room.Free < r.Reserve:
		return DiskLow
	}
	return DiskPlenty
}

// NoRoomError is what becomes of a request while the disk is nearly full.
type NoRoomError struct{ DiskRoom }

// Error says so.
func (e *NoRoomError) Error() string {
	return fmt.Sprintf("the disk is nearly full, %d MiB are free: nothing more is stored until there is room",
		e.Free>>20)
}

// Unwrap makes it one of storage that is away.
func (e *NoRoomError) Unwrap() error { return domain.ErrUnavailable }

// diskEvery is how often the room is measured. What may be written meanwhile is
// far less than the reserve.
const diskEvery = 2 * time.Second

// DiskWatch keeps an eye on the room on the disk. Who asks it has the answer of
// moments ago; nobody waits for the disk. A nil DiskWatch knows of no bound.
type DiskWatch struct {
	rules   DiskRules
	measure func() (DiskRoom, error)
	// changed is told of each level that is another than the one before.
	changed func(DiskLevel, DiskRoom)
	seen    atomic.Pointer[diskSeen]
}

type diskSeen struct {
	room  DiskRoom
	level DiskLevel
}

// NewDiskWatch makes a DiskWatch, which knows the room from the start.
func NewDiskWatch(
	rules DiskRules, measure func() (DiskRoom, error), changed func(DiskLevel, DiskRoom),
) *DiskWatch {
	w := &DiskWatch{rules: rules, measure: measure, changed: changed}
	w.seen.Store(&diskSeen{})
	w.look()
	return w
}

// Run measures until ctx ends.
func (w *DiskWatch) Run(ctx context.Context) error {
	tick := time.NewTicker(diskEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.look()
		case <-ctx.Done():
			return nil
		}
	}
}

// look measures. Where that fails nothing is known, and nothing refused: a disk
// that is full says so itself.
func (w *DiskWatch) look() {
	room, err := w.measure()
	if err != nil {
		room = DiskRoom{}
	}
	before := w.seen.Load().level
	now := &diskSeen{room, w.rules.Level(room)}
	w.seen.Store(now)
	if now.level != before {
		w.changed(now.level, room)
	}
}

// Room is what was measured last, with its level.
func (w *DiskWatch) Room() (DiskRoom, DiskLevel) {
	if w == nil {
		return DiskRoom{}, DiskPlenty
	}
	seen := w.seen.Load()
	return seen.room, seen.level
}

// TakesClicks tells whether there is room for clicks.
func (w *DiskWatch) TakesClicks() bool {
	_, level := w.Room()
	return level < DiskNoClicks
}

// Refuses is a NoRoomError while nothing is stored.
func (w *DiskWatch) Refuses() error {
	if room, level := w.Room(); level == DiskFull {
		return &NoRoomError{room}
	}
	return nil
}
