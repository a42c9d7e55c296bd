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
	return n.sendDue(ctx)
}

// Hear is what happens when somebody writes to the bot.
func (n *Notifier) Hear(ctx context.Context, m ChatMessage) error { return n.hear(ctx, m) }
