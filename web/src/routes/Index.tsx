import { Navigate, useSearch } from '@tanstack/react-router';
import { useRead } from '../api/use';
import { ShellQuery, WhereQuery } from '../shell/documents';
import { NowhereAtAll } from '../shell/Problem';
import { Loaded } from '../ui/Loaded';

/** Mails and calendars lead to /?deployment=ID, for ever; everybody else wants their business. */
export function Index() {
  const { deployment } = useSearch({ from: '/' });
  return deployment ? <ToDeployment id={deployment} /> : <ToTenant />;
}

function ToDeployment({ id }: { id: string }) {
  const read = useRead(WhereQuery, { id });
  if (read.problem?.code === 'NOT_FOUND') return <NowhereAtAll />;
  return (
    <Loaded {...read} skeleton={null}>
      {({ deployment }) =>
        deployment ? (
          <Navigate to="/t/$tenant/deployments/$id" params={{ tenant: deployment.tenant.slug, id }} replace />
        ) : (
          <NowhereAtAll />
        )
      }
    </Loaded>
  );
}

/** The business that was looked at last, else the first. */
function ToTenant() {
  const read = useRead(ShellQuery, {});
  return (
    <Loaded {...read} skeleton={null}>
      {({ viewer }) => {
        const last = localStorage.getItem('golive-tenant');
        const here = viewer.memberships.find(({ tenant }) => tenant.slug === last) ?? viewer.memberships[0];
        return here ? <Navigate to="/t/$tenant" params={{ tenant: here.tenant.slug }} replace /> : <NowhereAtAll />;
      }}
    </Loaded>
  );
}
