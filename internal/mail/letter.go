package mail

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// letter is what a mail says, before it is plain text or HTML. Its texts are
// clean.
type letter struct {
	Subject, Title string
	// Lead comes first, After below what Detail quotes.
	Lead   []string
	Facts  []fact
	Detail []string
	After  []string
	// Action is the next click, at URL; "" where there is none.
	Action, URL string
	Items       []entry
	Why         string
	Unsubscribe string
}

// fact is one line of the table that each mail has.
type fact struct{ Label, Value string }

// entry is one deployment in a digest.
type entry struct{ Title, When, Detail, URL string }

// draft holds a notice's texts, cleaned, for the kinds to make sentences of.
type draft struct {
	n                     Notice
	product, brief        string // brief fits a subject
	by                    string
	due, dueBrief, before string
	happened              string
}

// kinds says what each kind of mail tells.
var kinds = map[Kind]func(draft) letter{
	Scheduled: scheduled, Rescheduled: rescheduled, TimeZoneMoved: timeZoneMoved, Reminder: reminder,
	Held: held, Missed: missed, Digest: digest,
	Started: started, Completed: completed, Failed: failed, RolledBack: rolledBack, Cancelled: cancelled,
	Invited: invited, Asked: asked, Unanswered: unanswered, Taken: taken, Returned: returned, Unheard: unheard,
	Differs: differs, Disputed: disputed, Receipt: receipt, Refunded: refunded,
}

// compose makes the letter of a notice.
func compose(n Notice) (letter, error) {
	tell, ok := kinds[n.Kind]
	if !ok {
		return letter{}, fmt.Errorf("mail: there is no kind %q", n.Kind)
	}
	d := draft{n: n, product: clean(n.Product, short), brief: clean(n.Product, shortest), by: clean(n.By, short)}
	if err := d.tellTimes(); err != nil {
		return letter{}, err
	}
	l := tell(d)
	items, err := entries(n.Items)
	if err != nil {
		return letter{}, err
	}
	l.Items = items
	l.Facts = append(l.Facts, d.facts()...)
	l.Detail = cleanLines(n.Detail)
	l.After = append(l.After, cleanLines(n.Hint)...)
	if l.Why == "" {
		l.Why = fmt.Sprintf("This is a notification about go-lives for %s.", clean(n.Tenant, short))
	}
	if l.URL, err = address(n.URL); err != nil {
		return letter{}, err
	}
	l.Unsubscribe, err = address(n.UnsubscribeURL)
	return l, err
}

func (d *draft) tellTimes() error {
	for _, t := range []struct {
		moment      Moment
		long, brief *string
	}{{d.n.Due, &d.due, &d.dueBrief}, {d.n.Before, &d.before, nil}, {d.n.Happened, &d.happened, nil}} {
		if t.moment.IsZero() {
			continue
		}
		var err error
		if *t.long, err = t.moment.long(); err != nil {
			return err
		}
		if t.brief == nil {
			continue
		}
		if *t.brief, err = t.moment.short(); err != nil {
			return err
		}
	}
	return nil
}

// facts are those that most kinds share: what, when, who, why.
func (d draft) facts() []fact {
	var facts []fact
	add := func(label, value string) {
		if label != "" && value != "" {
			facts = append(facts, fact{label, value})
		}
	}
	add("Product", d.product)
	add("Amount", clean(d.n.Amount, short))
	add("Order", clean(d.n.Order, short))
	add("Business", clean(d.n.Tenant, short))
	add(d.dueLabel(), d.due)
	if d.n.moves() {
		add("Previously", d.before)
	}
	add(when[d.n.Kind], d.happened)
	if d.n.runs() && d.n.Late >= 5*time.Second {
		add("Delayed by", span(d.n.Late))
	}
	add(who[d.n.Kind], d.by)
	add("Role", clean(d.n.Role, short))
	add("Reason", clean(d.n.Reason, mostOf))
	return facts
}

func (d draft) dueLabel() string {
	if d.n.moves() || d.n.Kind == Scheduled || d.n.Kind == Reminder {
		return "Goes live"
	}
	if d.n.Kind == Disputed {
		return "Answer by"
	}
	return "Scheduled for"
}

// when and who label the moment that is told and the person who caused it.
var (
	when = map[Kind]string{
		Held: "On hold since", Missed: "On hold since", Started: "Started", Completed: "Completed",
		Failed: "Ended", RolledBack: "Rolled back", Cancelled: "Cancelled",
		Taken: "Taken over", Returned: "Given back", Receipt: "Paid", Refunded: "Refunded",
	}
	who = map[Kind]string{
		Rescheduled: "Rescheduled by", Cancelled: "Cancelled by", Started: "Requested by", Completed: "Requested by",
		Failed: "Requested by", RolledBack: "Requested by",
		Invited: "Invited by", Asked: "Added by", Unanswered: "Changed by", Scheduled: "Scheduled by", TimeZoneMoved: "Scheduled by", Reminder: "Scheduled by", Held: "Scheduled by", Missed: "Scheduled by",
	}
)

func entries(items []Item) ([]entry, error) {
	var list []entry
	for _, item := range items {
		e := entry{Title: clean(item.Product, short), Detail: clean(item.Detail, mostOf)}
		if says := state[item.Kind]; says != "" {
			e.Title += ": " + says
		}
		var err error
		if !item.Due.IsZero() {
			if e.When, err = item.Due.long(); err != nil {
				return nil, err
			}
		}
		if e.URL, err = address(item.URL); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// address refuses what is no link to a page: the text is ours, but a script in
// it would be the reader's loss.
func address(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(text, "<>\"' ") {
		return "", errors.New("mail: a link must be an http or https address")
	}
	return text, nil
}
