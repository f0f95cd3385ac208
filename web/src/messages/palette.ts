import { count } from './plural';

export const palette = {
  title: 'Go to',
  search: 'A product, a deployment or a page',
  groups: { pages: 'Pages', products: 'Products', deployments: 'Deployments' },
  count: (n: number) => count(n, 'hit'),
  none: (text: string) => `Nothing matches “${text}”.`,
};
