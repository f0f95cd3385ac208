import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import { useEffect } from 'react';
import * as t from '../messages/en';
import { Act, actClass } from '../ui/Act';
import { Empty } from '../ui/Notice';

/** An address that leads nowhere. */
export const Nowhere = () => (
  <Empty
    alone
    title={t.error.notFound}
    act={
      <Link to="/" className={actClass()}>
        {t.error.toProducts}
      </Link>
    }
  >
    {t.error.notFoundText}
  </Empty>
);

/** The same where no view is around it. */
export const NowhereAtAll = () => (
  <main>
    <Nowhere />
  </main>
);

const reloaded = 'golive-reloaded';

/** A part of the page that an upgrade has taken away is fetched anew by a reload, once. */
const isMissingPart = (error: unknown) =>
  error instanceof Error && /dynamically imported module|importing a module|module script/i.test(error.message);

/** What a view shows that fell over. */
export function Fallen({ error, reset }: ErrorComponentProps) {
  const missing = isMissingPart(error);
  useEffect(() => {
    if (!missing || sessionStorage.getItem(reloaded)) return;
    sessionStorage.setItem(reloaded, '1');
    location.reload();
  }, [missing]);
  return (
    <Empty
      alone
      title={t.error.viewTitle}
      act={
        <Act kind="primary" onPress={missing ? () => location.reload() : reset}>
          {missing ? t.shell.reload : t.common.retry}
        </Act>
      }
    >
      {missing ? t.error.newVersion : t.error.view}
    </Empty>
  );
}
