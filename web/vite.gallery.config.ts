import { mergeConfig } from 'vite';
import page from './vite.config.ts';

// The gallery: every state of every view, for whoever looks at it and for tests. It never
// lies in dist.
export default mergeConfig(page, {
  preview: { proxy: {} },
  build: { outDir: 'node_modules/.gallery', emptyOutDir: true, rolldownOptions: { input: 'gallery.html' } },
});
