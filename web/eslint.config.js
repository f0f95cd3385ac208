import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// Who may know whom: routes → views → nouns → api, status, ui. Below, each folder with those
// that it must not import.
const views = ['home', 'history', 'settings', 'upcoming', 'product'];
const nouns = ['review', 'schedule', 'deployment', 'plan', 'bank'];
const never = (folders) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: folders.map((folder) => ({
        group: [`**/${folder}/*`, `../${folder}`],
        message: 'This direction is closed; see eslint.config.js.',
      })),
    },
  ],
});
const of = (folder, closed) => ({ files: [`src/${folder}/**`], ignores: ['**/*.test.*'], rules: never(closed) });

const words = {
  selector: 'JSXText[value=/[A-Za-z]/], JSXAttribute[name.name=/^(aria-label|title|placeholder|alt)$/] > Literal',
  message: 'Texts live in messages/.',
};
const rawColour = {
  selector: 'JSXAttribute[name.name="className"] Literal[value=/(^|[^&])#[0-9a-f]{3,8}\\b|\\[(rgb|hsl|oklch)/i]',
  message: 'Colours are roles; tokens.css has them.',
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/env.d.ts', 'test/gallery/shots.mjs', 'scripts'] },
  {
    files: ['{src,test,e2e}/**/*.{ts,tsx}', '*.ts'],
    extends: [tseslint.configs.recommended, jsxA11y.flatConfigs.strict, reactHooks.configs.flat.recommended],
    rules: {
      'max-lines': ['error', 250],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'jsx-a11y/label-has-associated-control': ['error', { assert: 'either', depth: 4 }],
    },
  },
  { files: ['src/**/*.tsx'], rules: { 'no-restricted-syntax': ['error', words, rawColour] } },
  of('ui', ['api', 'shell', 'routes', ...views, ...nouns]),
  of('status', ['api', 'shell', 'routes', 'ui', ...views, ...nouns]),
  of('api', ['shell', 'routes', 'ui', ...views, ...nouns]),
  of('messages', ['api', 'shell', 'routes', 'ui', 'status', ...views, ...nouns]),
  of('time', ['api', 'shell', 'routes', 'ui', ...views, ...nouns]),
  of('shell', ['routes', ...views, ...nouns]),
  of('bank', ['shell', 'routes', ...views, 'review', 'schedule', 'deployment', 'plan']),
  of('plan', ['shell', 'routes', ...views, 'review', 'schedule', 'deployment', 'bank']),
  of('deployment', ['routes', ...views, 'review', 'schedule']),
  of('schedule', ['routes', ...views, 'review', 'deployment']),
  of('review', ['routes', ...views, 'schedule']),
  of('upcoming', ['routes', 'home', 'history', 'settings', 'product']),
  of('home', ['routes', 'history', 'settings', 'product']),
);
