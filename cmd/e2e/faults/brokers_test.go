package faults_test

import (
	"syscall"
	"testing"
	"time"
)

// What a cluster of three NATS servers may take to heal.
const quorumWithin = 45 * time.Second

const queue = "TGTRACK_CONVERSIONS"

// withBrokers is a crew over a cluster of three, under load.
func withBrokers(t *testing.T, seen func(*cluster) string) (*cluster, *world, *load) {
	t.Helper()
	c := newCluster(t)
	o := options{database: ownDatabase(t), natsURL: c.url(), crew: sharedWork}
	if seen != nil {
		o.natsSeen = seen(c)
	}
	w := newWorld(t, o)
	c.replicated(quorumWithin)
	return c, w, newLoad(w)
}

// TestBrokerLeaderKilled: the node that leads the queue of conversions dies,
// and comes back later.
func TestBrokerLeaderKilled(t *testing.T) {
	t.Parallel()
	c, w, l := withBrokers(t, nil)
	stop := l.run(false)
	defer stop()
	l.goesOn(time.Second)
	dead := c.leader(queue)
	dead.kill()
	w.heals(quorumWithin, "the leader's death")
	l.goesOn(time.Second)
	dead.start()
	c.replicated(quorumWithin)
	stop()
	l.judge()
}

// TestLongQuorumLost: two nodes of three are dead for 15 s.
func TestLongQuorumLost(t *testing.T) {
	t.Parallel()
	c, w, l := withBrokers(t, nil)
	stop := l.run(false)
	defer stop()
	l.goesOn(time.Second)
	c.nodes[0].kill()
	c.nodes[1].kill()
	l.goesOn(15 * time.Second)
	c.nodes[0].start()
	c.nodes[1].start()
	w.heals(quorumWithin, "the quorum's return")
	stop()
	l.judge()
}

// TestLongNodeWiped: a node comes back without anything it had.
func TestLongNodeWiped(t *testing.T) {
	t.Parallel()
	c, w, l := withBrokers(t, nil)
	stop := l.run(false)
	defer stop()
	l.goesOn(2 * time.Second)
	n := c.leader(queue)
	n.kill()
	n.wipe()
	l.goesOn(time.Second)
	n.start()
	w.heals(quorumWithin, "the wiped node's return")
	c.replicated(quorumWithin)
	stop()
	l.judge()
}

// TestLongNodeFrozen: the node to which all processes are connected hangs.
func TestLongNodeFrozen(t *testing.T) {
	t.Parallel()
	c, w, l := withBrokers(t, func(c *cluster) string { return "nats://" + c.nodes[0].Client })
	stop := l.run(false)
	defer stop()
	l.goesOn(time.Second)
	c.nodes[0].signal(syscall.SIGSTOP)
	w.heals(quorumWithin, "the node froze")
	l.goesOn(2 * time.Second)
	c.nodes[0].signal(syscall.SIGCONT)
	c.replicated(quorumWithin)
	w.heals(quorumWithin, "the node woke up")
	stop()
	l.judge()
}
