package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/notify"
)

type scheduleCmd struct {
	api
	productArg
	when
	IfChanged string `enum:"hold,deploy-latest" default:"hold" help:"If the product changes in test mode before then: hold (someone decides) or deploy-latest."`
	Remind    list   `placeholder:"30m" help:"When to send reminder emails before the go-live, such as 24h,30m (default: 30m); none for no reminder."`
	NoMail    bool   `help:"Don't send emails, except to those responsible if it fails, is held or misses its time."`
	To        list   `placeholder:"ADDRESS" help:"Who to notify by email (default: you)."`
	Adopt     bool   `help:"Adopt live objects with the same ID that Golive didn't create."`
	Reason    string `help:"Reason to record in the history."`
	Yes       bool   `short:"y" help:"Skip the confirmation prompt."`
	JSON      bool   `name:"json" help:"Print checks, plan and deployment as JSON lines."`
}

// Run prints the id of the deployment that now waits for its time.
func (c *scheduleCmd) Run(ctx context.Context, t *terminal) error {
	reminders, err := minutesOf(c.Remind)
	if err != nil {
		return err
	}
	if _, err := (notify.Settings{RemindBeforeMinutes: reminders, Recipients: c.To}).Normal(""); err != nil {
		return err
	}
	p, err := c.product(ctx, c.Product)
	if err != nil {
		return err
	}
	clock, err := c.clockOf(ctx, p)
	if err != nil {
		return err
	}
	at, err := c.read(clock, "")
	if err != nil {
		return err
	}
	if err := c.mustPass(ctx, t, p, c.Adopt, c.JSON); err != nil {
		return err
	}
	agreed, err := c.agree(ctx, t, p, at)
	if err != nil {
		return err
	}
	d, err := c.begin(ctx, "scheduleGoLive", c.input(p, at, agreed, reminders), c.Reason, c.Product)
	if err != nil {
		return err
	}
	at.confirmed(t, d, clock.Now)
	c.sayWhoWaits(ctx, t, d.ID)
	if c.JSON {
		return t.document(map[string]any{"deployment": d})
	}
	t.say("Scheduled. Reschedule with `golive reschedule %s TIME`, cancel with `golive cancel %s`.", d.ID, d.ID)
	return t.answer(d.ID)
}

// agree shows the plan and the time in words.
func (c *scheduleCmd) agree(ctx context.Context, t *terminal, p product, at chosen) (*plan, error) {
	agreed, err := c.showPlan(ctx, t, p, c.Adopt, c.JSON)
	if err != nil {
		return nil, err
	}
	t.say("When: %s", at.words)
	if c.Yes {
		return agreed, nil
	}
	return agreed, t.mustConfirm(ctx, "Schedule it?")
}

// told is a Recipient.
type told struct{ Email, State string }

// sayWhoWaits says who is named and gets no emails yet, or any more. It is silent where that
// can't be found out: the schedule stands.
func (c *scheduleCmd) sayWhoWaits(ctx context.Context, t *terminal, id string) {
	type answer struct {
		Notifications struct{ States []told }
	}
	d, err := look[answer](ctx, &c.api, id, `notifications { states { email state } }`)
	if err != nil || d == nil {
		return
	}
	names := map[string][]string{}
	for _, r := range d.Notifications.States {
		names[r.State] = append(names[r.State], plain(r.Email))
	}
	if waiting := names["WAITING"]; len(waiting) > 0 && !c.NoMail {
		t.say("Not confirmed yet: %s. We've emailed them to ask; they get nothing else until they confirm.", strings.Join(waiting, ", "))
	}
	if refused := names["REFUSED"]; len(refused) > 0 {
		t.say("Refused your emails, so they get none: %s.", strings.Join(refused, ", "))
	}
}

func (c *scheduleCmd) input(p product, at chosen, agreed *plan, reminders []int) map[string]any {
	told := map[string]any{"email": !c.NoMail}
	if reminders != nil {
		told["remindBeforeMinutes"] = reminders
	}
	if len(c.To) > 0 {
		told["recipients"] = c.To
	}
	return c.fill(map[string]any{
		"productId": p.ID, "planHash": agreed.Hash, "adopt": c.Adopt, "notifications": told,
		"ifChanged": strings.ToUpper(strings.ReplaceAll(c.IfChanged, "-", "_")),
	}, at)
}

// minutesOf reads durations such as 24h and 30m; nil is for none said, and empty for
// "none".
func minutesOf(durations []string) ([]int, error) {
	if len(durations) == 0 {
		return nil, nil
	}
	minutes := []int{}
	for _, text := range durations {
		if text == "none" {
			continue
		}
		d, err := time.ParseDuration(text)
		if err != nil || d < time.Minute || d%time.Minute != 0 {
			return nil, errors.New("--remind must be whole hours and minutes, such as 24h,30m, or none; not " + plain(text) + ".")
		}
		minutes = append(minutes, int(d/time.Minute))
	}
	return minutes, nil
}
