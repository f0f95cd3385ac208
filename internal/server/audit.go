package server

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/tenant"
)

// auditLogs serves whole audit logs to admins, as files.
type auditLogs struct {
	tenants *tenant.Service
	log     *slog.Logger
}

// auditTypes are the media types of the formats.
var auditTypes = map[audit.Format]string{audit.JSONLines: "application/jsonl; charset=utf-8", audit.CSV: "text/csv; charset=utf-8"}

// partTime bounds how long a client may take a part of a log.
const partTime = 30 * time.Second

// patient gives a client that time for each part: a log may be long.
type patient struct {
	to      io.Writer
	control *http.ResponseController
}

func (p patient) Write(part []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(partTime))
	return p.to.Write(part)
}

// ServeHTTP answers a path whose value "file" is a tenant's slug and the format.
func (a auditLogs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	slug, format, _ := strings.Cut(r.PathValue("file"), ".")
	mediaType, ok := auditTypes[audit.Format(format)]
	if !ok {
		restRefusal(w, r, http.StatusNotFound, fault.New(fault.NotFound, "There are audit logs as .jsonl and as .csv."))
		return
	}
	begun := false
	err := a.tenants.ExportAuditLog(r.Context(), slug, audit.Format(format), func(t tenant.Tenant) io.Writer {
		begun = true
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Content-Disposition", `attachment; filename="audit-`+t.Slug+`.`+format+`"`)
		return patient{w, http.NewResponseController(w)}
	})
	e := fault.As(err)
	switch {
	case err == nil:
	case begun:
		// What is there already must not look whole.
		a.log.WarnContext(r.Context(), "audit export broken off", "error", err, "request_id", logid.Request(r.Context()))
		panic(http.ErrAbortHandler)
	case e != nil:
		restRefusal(w, r, statusOf(e.Code), e)
	default:
		a.log.Log(r.Context(), levelOf(err), "audit export failed", "error", err, "request_id", logid.Request(r.Context()))
		restRefusal(w, r, http.StatusInternalServerError, fault.New(fault.Internal, "Something went wrong on our side."))
	}
}
