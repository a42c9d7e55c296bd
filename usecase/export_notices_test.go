package usecase

import "context"

// Round looks once for what is to be told and sends what is due.
func (n *Notices) Round(ctx context.Context) error {
	if err := n.digests(ctx); err != nil {
		return err
	}
	if err := n.alerts(ctx); err != nil {
		return err
	}
	return n.sendDue(ctx)
}

// Hear is what happens when somebody writes to the bot.
func (n *Notices) Hear(ctx context.Context, m ChatMessage) error { return n.hear(ctx, m) }
