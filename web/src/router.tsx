import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
} from '@tanstack/react-router';
import { base } from './api/base';
import { Index } from './routes/Index';
import * as search from './routes/search';
import { SignedIn } from './shell/Bars';
import { Fallen, NowhereAtAll } from './shell/Problem';
import { Shell } from './shell/Shell';

const root = createRootRoute({ notFoundComponent: NowhereAtAll });

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: Index,
  validateSearch: search.indexSearch,
});
const signedIn = createRoute({ getParentRoute: () => root, path: '/signed-in', component: SignedIn });

// A prefix of its own: a business may be called like any of our other addresses.
const tenant = createRoute({ getParentRoute: () => root, path: '/t/$tenant', component: Shell });
const inTenant = { getParentRoute: () => tenant } as const;

const views = [
  createRoute({ ...inTenant, path: '/', component: lazyRouteComponent(() => import('./home/Home'), 'Home') }),
  createRoute({
    ...inTenant,
    path: 'products',
    component: lazyRouteComponent(() => import('./product/Products'), 'Products'),
    validateSearch: search.productsSearch,
  }),
  createRoute({
    ...inTenant,
    path: 'products/$product',
    component: lazyRouteComponent(() => import('./product/Product'), 'Product'),
    validateSearch: search.productSearch,
  }),
  createRoute({
    ...inTenant,
    path: 'scheduled',
    component: lazyRouteComponent(() => import('./upcoming/Upcoming'), 'Upcoming'),
    validateSearch: search.scheduledSearch,
  }),
  createRoute({
    ...inTenant,
    path: 'deployments',
    component: lazyRouteComponent(() => import('./history/History'), 'History'),
    validateSearch: search.historySearch,
  }),
  createRoute({
    ...inTenant,
    path: 'deployments/$id',
    component: lazyRouteComponent(() => import('./deployment/DeploymentPage'), 'DeploymentPage'),
  }),
  createRoute({
    ...inTenant,
    path: 'orders',
    component: lazyRouteComponent(() => import('./orders/Orders'), 'Orders'),
    validateSearch: search.ordersSearch,
  }),
  createRoute({
    ...inTenant,
    path: 'orders/$id',
    component: lazyRouteComponent(() => import('./orders/OrderPage'), 'OrderPage'),
  }),
  createRoute({
    ...inTenant,
    path: 'orders/disputes',
    component: lazyRouteComponent(() => import('./dispute/Disputes'), 'Disputes'),
    validateSearch: search.disputesSearch,
  }),
  createRoute({
    ...inTenant,
    path: 'orders/disputes/$id',
    component: lazyRouteComponent(() => import('./dispute/DisputePage'), 'DisputePage'),
  }),
  createRoute({
    ...inTenant,
    path: 'orders/payouts',
    component: lazyRouteComponent(() => import('./payout/Payouts'), 'Payouts'),
    validateSearch: search.booksSearch,
  }),
  createRoute({
    ...inTenant,
    path: 'orders/payouts/$id',
    component: lazyRouteComponent(() => import('./payout/PayoutPage'), 'PayoutPage'),
  }),
  createRoute({
    ...inTenant,
    path: 'orders/reconciliation',
    component: lazyRouteComponent(() => import('./payout/Books'), 'Books'),
    validateSearch: search.booksSearch,
  }),
  createRoute({
    ...inTenant,
    path: 'orders/events',
    component: lazyRouteComponent(() => import('./inbox/Events'), 'Events'),
    validateSearch: search.eventsSearch,
  }),
  createRoute({
    ...inTenant,
    path: 'settings',
    component: lazyRouteComponent(() => import('./settings/Settings'), 'Settings'),
    validateSearch: search.settingsSearch,
  }),
] as const;

/** The page's addresses; history is the browser's unless another is given. */
export const makeRouter = (history?: RouterHistory) =>
  createRouter({
    routeTree: root.addChildren([index, signedIn, tenant.addChildren(views)]),
    history,
    basepath: base || '/',
    defaultPreload: 'intent',
    defaultErrorComponent: Fallen,
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
