import { useNavigate } from '@tanstack/react-router';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { useMyZone, usePlace } from '../shell/context';
import { shortTime } from '../time/format';
import { PaletteQuery } from './documents';

export type Item = { key: string; group: keyof typeof t.palette.groups; label: string; note?: string; go: () => void };

/** Where one may go by what was typed: pages that are called so, and what the server finds. */
export function useItems(text: string, search: string): Item[] {
  const { tenant } = usePlace();
  const zone = useMyZone();
  const navigate = useNavigate();
  const params = { tenant: tenant.slug };
  const found = useRead(PaletteQuery, { slug: tenant.slug, search }, { pause: search === '' });
  const { products, deployments } = (search !== '' && found.data?.tenant) || { products: null, deployments: null };
  const pages = [
    [t.shell.nav.home, () => void navigate({ to: '/t/$tenant', params })],
    [t.shell.nav.products, () => void navigate({ to: '/t/$tenant/products', params })],
    [t.shell.nav.orders, () => void navigate({ to: '/t/$tenant/orders', params })],
    [t.shell.nav.scheduled, () => void navigate({ to: '/t/$tenant/scheduled', params })],
    [t.shell.nav.history, () => void navigate({ to: '/t/$tenant/deployments', params })],
    ...Object.entries(t.settings.sections).map(([key, name]) => [
      `${t.shell.nav.settings}: ${name}`,
      () =>
        void navigate({
          to: '/t/$tenant/settings',
          params,
          search: key === 'stripe' ? {} : { section: key as 'people' },
        }),
    ]),
  ] as [string, () => void][];
  return [
    ...pages
      .filter(([name]) => name.toLowerCase().includes(text.toLowerCase()))
      .map(([label, go]): Item => ({ key: label, group: 'pages', label, go })),
    ...(products?.nodes ?? []).map(
      ({ id, name, stripeProductId }): Item => ({
        key: id,
        group: 'products',
        label: name,
        note: stripeProductId,
        go: () => void navigate({ to: '/t/$tenant/products/$product', params: { ...params, product: id } }),
      }),
    ),
    ...(deployments?.nodes ?? []).map(
      ({ id, kind, createdAt, product }): Item => ({
        key: id,
        group: 'deployments',
        label: t.deployment.title(kind, product?.name ?? t.deployment.aDeployment),
        note: shortTime(createdAt, zone),
        go: () => void navigate({ to: '/t/$tenant/deployments/$id', params: { ...params, id } }),
      }),
    ),
  ];
}
