import { Link, Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { CalendarClock, History, House, Package, ReceiptText, Search, Settings } from 'lucide-react';
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { learn } from '../time/clock';
import { Announcer } from '../ui/announce';
import { Loaded } from '../ui/Loaded';
import { PageBars } from '../ui/PageBars';
import { Bone, Skeleton } from '../ui/Skeleton';
import { Toasts } from '../ui/Toast';
import { AccountMenu, TenantSwitcher } from './Account';
import { Banner } from './Banner';
import { Bars } from './Bars';
import { PlaceContext, type Service, type Viewer } from './context';
import { ServiceQuery, ShellQuery } from './documents';
import { NowhereAtAll } from './Problem';

const Palette = lazy(() => import('../palette/Palette'));

const nav = [
  { to: '/t/$tenant', label: t.shell.nav.home, icon: House, exact: true },
  { to: '/t/$tenant/products', label: t.shell.nav.products, icon: Package, exact: false },
  { to: '/t/$tenant/orders', label: t.shell.nav.orders, icon: ReceiptText, exact: false },
  { to: '/t/$tenant/scheduled', label: t.shell.nav.scheduled, icon: CalendarClock, exact: false },
  { to: '/t/$tenant/deployments', label: t.shell.nav.history, icon: History, exact: false },
  { to: '/t/$tenant/settings', label: t.shell.nav.settings, icon: Settings, exact: false },
] as const;

/** Everything around a view of a business. */
export function Shell() {
  const shell = useRead(ShellQuery, {});
  const { service, build } = useService();
  return (
    <Loaded {...shell} skeleton={<ShellSkeleton />}>
      {({ viewer }) => <Inside viewer={viewer} service={service} build={build} />}
    </Loaded>
  );
}

/** What is true of the installation, asked again now and then: nobody tells of it. */
function useService() {
  const { data, again } = useRead(ServiceQuery, {});
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && again(), 30_000);
    return () => clearInterval(timer);
  }, [again]);
  const [build, setBuild] = useState<string>();
  if (!build && data) setBuild(data.service.build);
  return { service: data?.service, build };
}

function Inside({
  viewer,
  service,
  build,
}: {
  viewer: Viewer;
  service: Service | undefined;
  build: string | undefined;
}) {
  const { tenant: slug } = useParams({ from: '/t/$tenant' });
  const main = useFocusOnArrival();
  const [palette, setPalette] = useState(false);
  useShortcut(setPalette);
  const here = viewer.memberships.find(({ tenant }) => tenant.slug === slug);
  const now = here?.tenant.now;
  useEffect(() => {
    if (now) learn(now);
    localStorage.setItem('golive-tenant', slug);
  }, [now, slug]);
  if (!here) return <NowhereAtAll />;
  const { tenant, role } = here;
  const openPalette = () => setPalette(true);
  const bars = <Bars service={service} build={build} />;
  return (
    <PlaceContext value={{ viewer, tenant, role, service }}>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-30 focus:bg-raised focus:p-3 focus:shadow-float"
      >
        {t.shell.skip}
      </a>
      <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
        <aside className="sticky top-0 hidden h-dvh flex-col gap-6 border-r border-hairline bg-canvas p-3 lg:flex">
          <TenantSwitcher viewer={viewer} tenant={tenant} />
          <button
            type="button"
            onClick={openPalette}
            className="-mt-2 flex min-h-9 cursor-pointer items-center gap-2.5 rounded-control border border-hairline px-2.5 text-sm text-ink-2 hover:border-edge hover:text-ink"
          >
            <Search aria-hidden size={16} strokeWidth={1.75} />
            {t.shell.goTo}
            <kbd aria-hidden className="ml-auto font-sans text-xs text-ink-3">
              {t.shell.goToKeys}
            </kbd>
          </button>
          <nav aria-label={t.shell.main} className="-mt-2 grid gap-0.5">
            {nav.map(({ to, label, icon: Icon, exact }) => (
              <Link
                key={to}
                to={to}
                params={{ tenant: slug }}
                activeOptions={{ exact, includeSearch: false }}
                className="flex min-h-9 items-center gap-2.5 rounded-control px-2.5 font-medium text-ink-2 hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:text-ink"
              >
                <Icon aria-hidden size={16} strokeWidth={1.75} />
                {label}
              </Link>
            ))}
          </nav>
          <div className="mt-auto">
            <AccountMenu viewer={viewer} role={role} up />
          </div>
        </aside>
        <div className="flex min-w-0 flex-col pb-20 sm:pb-0">
          <header className="flex items-center gap-2 border-b border-hairline bg-canvas px-2 py-1.5 lg:hidden">
            <TenantSwitcher viewer={viewer} tenant={tenant} />
            <nav aria-label={t.shell.main} className="mx-auto hidden gap-1 sm:flex">
              {nav.map(({ to, label, exact }) => (
                <Link
                  key={to}
                  to={to}
                  params={{ tenant: slug }}
                  activeOptions={{ exact, includeSearch: false }}
                  className="flex min-h-9 items-center rounded-control px-2.5 font-medium text-ink-2 hover:bg-sunken aria-[current=page]:bg-sunken aria-[current=page]:text-ink"
                >
                  {label}
                </Link>
              ))}
            </nav>
            <div className="ml-auto flex sm:ml-0">
              <button
                type="button"
                aria-label={t.shell.goTo}
                onClick={openPalette}
                className="grid size-11 cursor-pointer place-items-center rounded-control text-ink-2 hover:bg-sunken"
              >
                <Search aria-hidden size={20} strokeWidth={1.75} />
              </button>
              <AccountMenu viewer={viewer} role={role} short />
            </div>
          </header>
          <section aria-label={t.shell.whole}>
            <Banner tenant={tenant} service={service} />
            {bars}
          </section>
          <main
            id="main"
            ref={main}
            tabIndex={-1}
            className="mx-auto w-full max-w-[72rem] grow px-4 py-6 outline-none sm:px-6 lg:px-10 lg:py-10"
          >
            <PageBars value={bars}>
              <Outlet />
            </PageBars>
          </main>
        </div>
        <nav
          aria-label={t.shell.main}
          className="fixed inset-x-0 bottom-0 z-10 grid grid-cols-6 border-t border-hairline bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden"
        >
          {nav.map(({ to, label, icon: Icon, exact }) => (
            <Link
              key={to}
              to={to}
              params={{ tenant: slug }}
              activeOptions={{ exact, includeSearch: false }}
              className="grid min-h-14 place-content-center justify-items-center gap-0.5 text-[0.6875rem] font-medium text-ink-3 aria-[current=page]:text-ink"
            >
              <Icon aria-hidden size={20} strokeWidth={1.75} />
              {label}
            </Link>
          ))}
        </nav>
      </div>
      <Suspense>{palette && <Palette onClose={() => setPalette(false)} />}</Suspense>
      <Toasts />
      <Announcer />
    </PlaceContext>
  );
}

/** Ctrl or Cmd with K opens the palette from anywhere, and closes it: as soon as one sees the page. */
function useShortcut(toggle: (next: (open: boolean) => boolean) => void) {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      toggle((open) => !open);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [toggle]);
}

/** After a way within the page, the focus goes to what is new. */
function useFocusOnArrival() {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== undefined && before.current !== path) main.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  return main;
}

const ShellSkeleton = () => (
  <Skeleton label={t.common.loading}>
    <div className="mx-auto grid max-w-[72rem] gap-4 p-10">
      <Bone className="h-9 w-56" />
      <Bone className="h-64 w-full" />
    </div>
  </Skeleton>
);
