package cmd

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// versionNotice is how long before the end of a version that is in use somebody
// is told.
const versionNotice = 183 * 24 * time.Hour

// versions looks for versions of the networks' interfaces that end.
func (d *doctor) versions(context.Context) []finding {
	values := func(network string) adnet.Values { return d.cfg.AdNetworks.Values(network) }
	return endingVersions(d.sinks.All(), values, clock())
}

func endingVersions(ds []adnet.Descriptor, values func(network string) adnet.Values, now time.Time) []finding {
	var fs []finding
	for _, n := range ds {
		set := values(n.Name).Or(n.Options)
		for _, o := range n.Options {
			if o.Ends == nil {
				continue
			}
			fs = append(fs, endingVersion(n.Title, "adnetworks."+o.Section(n.Name)+"."+o.Key(), set[o.Name], o.Ends, now))
		}
	}
	return fs
}

func endingVersion(title, key, version string, ends map[string]time.Time, now time.Time) finding {
	const check = "networks.versions"
	do := say("set %s to a newer one; the newest that this build knows is %s", key, newest(ends))
	end, known := ends[version]
	day := end.Format(time.DateOnly)
	switch left := end.Sub(now); {
	case !known:
		return finding{
			check, isAdvice, say("until when %s serves %s is not known to this build", title, version),
			say("see in the vendor's list that it is served, or take a newer tgtrack"),
		}
	case end.IsZero():
		return fine(check, "%s: %s, whose end is not announced", key, version)
	case left <= 0:
		return finding{check, isProblem, say("%s serves %s no longer since %s", title, version, day), do}
	case left <= versionNotice:
		return finding{check, isAdvice, say("%s serves %s until %s", title, version, day), do}
	}
	return fine(check, "%s: %s, served until %s", key, version, day)
}

// newest of the versions: the one that is served longest.
func newest(ends map[string]time.Time) string {
	best := ""
	for v, end := range ends {
		last := ends[best]
		switch {
		case best == "", end.IsZero() && !last.IsZero(), !last.IsZero() && end.After(last),
			end.IsZero() == last.IsZero() && end.Equal(last) && v > best:
			best = v
		}
	}
	return best
}
