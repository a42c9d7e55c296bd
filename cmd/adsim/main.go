// Command adsim serves the simulated ad networks, for trying tgtrack without
// an account anywhere. Nothing it is given leaves it.
//
//	adsim --addr 127.0.0.1:8090 --stage 5s
//
// It prints the environment that points tgtrack to it. / shows what came,
// /{network}/_received the same as JSON; POST /_control makes a network fail:
//
//	{"network":"facebook","fail":"status","status":500,"times":3}
//	{"network":"yandex","revoke":"the token"}
//
// It plays the Bot API of the messenger MAX, too: POST /max/subscriptions, with
// any token, and POST /max/_write lets somebody start the bot:
//
//	{"user_id":7,"first_name":"Anna","payload":"TGTrack-PJ0123abcd"}
package main

import (
	"os"

	"github.com/tgtrack/tgtrack/cmd"
)

func main() { os.Exit(cmd.Simulate(os.Args[1:])) }
