// Package audit keeps who did what to which object of a tenant, for ever.
//
// It owns audit_log, which is append-only: a trigger refuses everything but
// inserts. An entry is written in the transaction of the change that it tells of,
// so that there is never one without the other. It never decides who may read:
// tenant.Service.AuditLog does.
package audit
