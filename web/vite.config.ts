import optimizeLocales from '@react-aria/optimize-locales-plugin';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// Where `golive dev` answers. The Host stays ours, so that the origin check sees one site.
const golive = process.env.GOLIVE_URL ?? 'http://127.0.0.1:8080';

// Most of what a view needs beside itself; what only dialogs need stays out of it.
const shared =
  /\/(src\/(api|messages|shell|status|time|ui)\/(?!Dialog|Field\.tsx|orders|payments|books)|node_modules\/(react|use-sync-external-store|gql\.tada|urql|@urql|graphql|wonka|@0no-co|@tanstack|lucide-react)\/)/;

export default defineConfig({
  // Files find each other wherever they are served: Go puts the path in front of index.html's.
  base: './',
  plugins: [
    react(),
    tailwindcss(),
    // Only the locale that the page speaks: saves 16 to 34 kB of dates and numbers.
    { ...optimizeLocales.vite({ locales: ['en-US'] }), enforce: 'pre' as const },
  ],
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: {
      '^/graphql(\\?|$)': { target: golive, ws: true },
      '^/log(in|out)': golive,
    },
  },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // All beside each other: Go serves the folder as /assets/<build>/.
    assetsDir: '',
    // No data: URLs, so that the content policy needs none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
    rolldownOptions: {
      // Without a hash: a rebuild changes files and renames none.
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        assetFileNames: '[name][extname]',
        // What nearly every view shows lies together: a dozen small files weigh more than one.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: 'shared', test: shared, minShareCount: 8 }],
        },
      },
    },
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
  },
});
