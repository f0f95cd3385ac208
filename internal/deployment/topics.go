package deployment

// Topics are the doorbells of a deployment: its own, and its tenant's.
func Topics(d *Deployment) []string {
	return []string{"deployment/" + d.ID, "tenant/" + d.TenantID}
}

// CommandTopic is rung when somebody wants something of whoever carries a deployment out.
func CommandTopic(id string) string { return "command/" + id }
