package cmd

import (
	"context"
	"time"
)

const (
	// clicksSince is how far back clicks are looked at.
	clicksSince = 7 * 24 * time.Hour
	// manyRobots of a hundred visits are worth a look, if they are not few.
	manyRobots = 50
	fewRobots  = 20
)

// clicks looks for click ids that are placeholders, and for links that robots
// visit more than people do.
func (d *doctor) clicks(ctx context.Context) []finding {
	now := d.store.Now()
	lost, err := d.store.LostClickIDs(ctx, now.Add(-clicksSince), mostListed)
	if err != nil {
		return []finding{notAsked("clicks.ids", err)}
	}
	var fs []finding
	for _, l := range lost {
		fs = append(fs, finding{"clicks.ids", isAdvice,
			say("link %q of %q got %s=%s instead of a click id, %s", l.Link, l.Project, l.Param, l.Value,
				counted(l.Clicks, "time", "times")),
			say("write the macro of the ad network in the advertisement's address as the network spells it, or mend the " +
				"script of the landing page; such clicks are reported to no network"),
		})
	}
	if len(lost) == 0 {
		fs = append(fs, fine("clicks.ids", "no click id was a placeholder"))
	}
	return append(fs, d.robots(ctx, now)...)
}

func (d *doctor) robots(ctx context.Context, now time.Time) []finding {
	shares, err := d.store.RobotShares(ctx, now.Add(-24*time.Hour), mostListed)
	if err != nil {
		return []finding{notAsked("clicks.robots", err)}
	}
	var robots, clicks int64
	var fs []finding
	for _, s := range shares {
		robots, clicks = robots+s.Robots, clicks+s.Clicks
		if s.Robots >= fewRobots && s.Robots*100 >= (s.Robots+s.Clicks)*manyRobots {
			fs = append(fs, finding{"clicks.robots", isAdvice,
				say("robots made %d of %d visits of links of %q since yesterday", s.Robots, s.Robots+s.Clicks, s.Project),
				say("they make no clicks; see with the ad network what it is paid for"),
			})
		}
	}
	if len(fs) == 0 && robots+clicks > 0 {
		fs = append(fs, fine("clicks.robots", "robots made %d of %d visits of links since yesterday", robots, robots+clicks))
	}
	return fs
}
