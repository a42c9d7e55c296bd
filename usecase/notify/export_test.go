package notify

import "context"

// Round looks once for what is to be told and sends what is due.
func (n *Notifier) Round(ctx context.Context) error {
	if err := n.digests(ctx); err != nil {
		return err
	}
	if err := n.alerts(ctx); err != nil {
		return err
	}
	for {
		if err := n.sendDue(ctx); err != nil {
			return err
		}
		if len(n.sendingTo()) == 0 && !n.stirred() {
			return nil
		}
		n.sending.Wait()
	}
}

// stirred tells whether something ended, so that more may be due.
func (n *Notifier) stirred() bool {
	select {
	case <-n.wake:
		return true
	default:
		return false
	}
}

// Hear is what happens when somebody writes to the bot.
func (n *Notifier) Hear(ctx context.Context, m ChatMessage) error { return n.hear(ctx, m) }
