package server

import "net/http"

// scheduleRequest is what schedule takes besides what deploy does, named and meant
// as in ScheduleGoLiveInput. What is left out has the default that it has there.
type scheduleRequest struct {
	Instant        *string              `json:"instant"`
	LocalTime      *string              `json:"localTime"`
	TimeZone       string               `json:"timeZone"`
	Disambiguation *string              `json:"disambiguation"`
	IfChanged      *string              `json:"ifChanged"`
	Notifications  *notificationRequest `json:"notifications"`
}

type notificationRequest struct {
	Email               *bool     `json:"email,omitempty"`
	RemindBeforeMinutes *[]int    `json:"remindBeforeMinutes,omitempty"`
	Recipients          *[]string `json:"recipients,omitempty"`
}

const scheduleQuery = `mutation ($input: ScheduleGoLiveInput!) {
	scheduleGoLive(input: $input) {
		deployment { ...d } userErrors { code message field }
		validation { ok checkedAt results { check status message details } }
		timeCandidates { instant utcOffset disambiguation }
	}
}` + deploymentFields

func (q deployRequest) schedule() (action, error) {
	input := map[string]any{
		"productId": q.ProductID, "planHash": q.PlanHash, "idempotencyKey": q.IdempotencyKey, "adopt": q.Adopt, "reason": q.Reason,
		"instant": q.Instant, "localTime": q.LocalTime, "timeZone": q.TimeZone, "disambiguation": q.Disambiguation, "ifChanged": q.IfChanged,
	}
	if q.Notifications != nil {
		input["notifications"] = q.Notifications
	}
	a := action{
		scheduleQuery,
		map[string]any{"input": input},
		[]string{"scheduleGoLive", "deployment"},
		"deployment", http.StatusAccepted,
		[]string{"validation", "timeCandidates"},
	}
	if a, err := q.needing("productId", q.ProductID, a); err != nil {
		return a, err
	}
	return q.needing("timeZone", q.TimeZone, a)
}
