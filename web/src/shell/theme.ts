import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

const key = 'golive-theme';
const watchers = new Set<() => void>();

const read = (): Theme => {
  const kept = localStorage.getItem(key);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
};

export function setTheme(theme: Theme) {
  localStorage.setItem(key, theme);
  applyTheme();
  for (const tell of watchers) tell();
}

/** Before anything is drawn, so that nothing flashes. */
export function applyTheme() {
  const theme = read();
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

const subscribe = (tell: () => void) => {
  watchers.add(tell);
  return () => watchers.delete(tell);
};
export const useTheme = () => useSyncExternalStore(subscribe, read);
