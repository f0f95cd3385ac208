import { createContext, type ReactNode } from 'react';

/** What concerns the whole page. An open dialog hides the page's own bars, so it shows them, too. */
export const PageBars = createContext<ReactNode>(null);
