package graph_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/insight"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// The domain's words are the schema's: an enum is bound to a string type, and
// nothing at run time would notice a word that callers do not know.
func TestEnumsHoldTheDomainsWords(t *testing.T) {
	t.Parallel()
	transitions := []string{}
	for _, from := range deployment.Transitions {
		transitions = append(transitions, string(from.From))
		transitions = append(transitions, words(from.To)...)
	}
	for enum, values := range map[string][]string{
		"DeploymentStatus":  transitions,
		"DeploymentKind":    words([]deployment.Kind{deployment.GoLive, deployment.Rollback}),
		"DeploymentTrigger": words([]deployment.Trigger{deployment.Immediate, deployment.AtScheduled}),
		"WaitReason": words([]deployment.WaitReason{
			deployment.WaitWorker, deployment.WaitStripeRateLimit, deployment.WaitStripeUnavailable,
			deployment.WaitDueTime, deployment.WaitProductBusy, deployment.WaitMissed, deployment.WaitChanged, deployment.WaitPaused,
			deployment.WaitAccountBusy,
		}),
		"IfChanged":      words([]deployment.IfChanged{deployment.Hold, deployment.DeployLatest}),
		"Disambiguation": words([]localtime.Disambiguation{localtime.Reject, localtime.Compatible, localtime.Earlier, localtime.Later}),
		"TimeResolution": words([]localtime.Resolution{localtime.Unique, localtime.GapShifted, localtime.OverlapEarlier, localtime.OverlapLater}),
		"LiveOutcome":    words([]deployment.Outcome{deployment.Unchanged, deployment.Restored, deployment.Partial}),
		"ErrorCategory": append(
			words([]deployment.Category{deployment.CategoryValidation, deployment.CategoryPlanChanged, deployment.CategoryInternal}),
			words([]catalog.ErrorKind{catalog.KindPermission, catalog.KindRequest, catalog.KindConflict, catalog.KindRateLimit, catalog.KindUnavailable, catalog.KindNetwork})...),
		"StepStatus": words([]journal.StepStatus{
			journal.StepPending, journal.StepRunning, journal.StepDone, journal.StepSkipped, journal.StepFailed, journal.StepUndone,
		}),
		"ChangeAction": words([]plan.Action{plan.Create, plan.Update, plan.Archive, plan.Reactivate}),
		"CheckStatus":  words([]plan.CheckStatus{plan.CheckPassed, plan.CheckWarning, plan.CheckFailed}),
		"LiveStatus":   words([]product.LiveStatus{product.NotLive, product.Live, product.Changed, product.Drifted}),
		"ProductOrder": words([]product.Order{product.ByName, product.ByLastDeployed, product.ByNextScheduled}),
		"CheckGroup":   words([]plan.Group{plan.GroupProduct, plan.GroupPrices, plan.GroupLive, plan.GroupConnection, plan.GroupAccount}),
		"FieldKind":    words([]plan.FieldKind{plan.FieldText, plan.FieldMoney, plan.FieldFlag, plan.FieldList, plan.FieldMap}),
		"AttentionKind": words([]insight.Kind{
			insight.Partial, insight.KeyRefused, insight.NotConnected, insight.Missed, insight.Changed, insight.Parked, insight.Drifted,
		}),
		"JourneyStage": words([]insight.Stage{insight.Opened, insight.Checked, insight.PlanSeen, insight.Confirmed, insight.Ended}),
		"Role":         words([]tenant.Role{tenant.RoleViewer, tenant.RoleDeployer, tenant.RoleAdmin}),
		"ActorKind":    words([]audit.ActorKind{audit.Person, audit.Token, audit.System, audit.Operator}),
		"InboxStatus": words([]inbox.Status{
			inbox.StatusReceived, inbox.StatusApplied, inbox.StatusIgnored, inbox.StatusForeign, inbox.StatusQuarantined, inbox.StatusDead,
		}),
		"OrderStatus": words(ledger.OrderStatuses), "PaymentStatus": words(ledger.PaymentStatuses), "RefundStatus": words(ledger.RefundStatuses),
		"DisputeStatus": words(ledger.DisputeStatuses), "CheckoutFlow": words([]ledger.Flow{ledger.Hosted, ledger.Elements}),
		"CaptureMethod": words([]ledger.CaptureMethod{ledger.Automatic, ledger.Manual}),
		"OrderAttention": words([]ledger.Attention{
			ledger.LatePayment, ledger.Overpaid, ledger.AmountMismatch, ledger.RefundHasFailed, ledger.DisputeOpen, ledger.CaptureDeadline,
			ledger.Stuck, ledger.UnknownOutcome,
		}),
		"TokenScope": words([]tenant.Scope{tenant.ScopeAll, tenant.ScopeOrders}),
		"MailKind":   kinds(notice.Kinds),
		"StripeMode": words([]catalog.Mode{catalog.Test, catalog.Live}),
	} {
		for _, value := range values {
			if schema().Types[enum].EnumValues.ForName(value) == nil {
				t.Errorf("%s lacks %s", enum, value)
			}
		}
	}
}

func words[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}

func kinds(traits []outbox.Traits) (names []string) {
	for _, t := range traits {
		names = append(names, string(t.Kind))
	}
	return names
}
