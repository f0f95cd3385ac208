import '../../src/trusted-types';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { Client, type Exchange, makeResult, Provider } from 'urql';
import { filter, fromPromise, mergeMap, pipe } from 'wonka';
import { cache } from '../../src/api/cache';
import { makeRouter } from '../../src/router';
import { applyTheme } from '../../src/shell/theme';
import '../../src/styles.css';
import { scenes } from './scenes';
import { typed } from './typed';

const name = new URLSearchParams(location.search).get('scene');
const scene = name ? scenes[name] : undefined;

/** Answers from the factories; what a scene has no answer for stays on its way. */
const answering: Exchange = () => (operations) =>
  pipe(
    operations,
    filter((operation) => operation.kind === 'query'),
    mergeMap((operation) => {
      const definition = operation.query.definitions[0];
      const key = definition && 'name' in definition ? (definition.name?.value ?? '') : '';
      const answer = scene?.answers[key];
      const data = typeof answer === 'function' ? (answer(operation.variables) as object) : answer;
      return fromPromise(
        data
          ? Promise.resolve(makeResult(operation, { data: typed(operation.query, data as object), hasNext: false }))
          : new Promise<never>(() => {}),
      );
    }),
  );

applyTheme();
const root = createRoot(document.getElementById('root')!);
if (scene) {
  const client = new Client({ url: '/graphql', preferGetMethod: false, exchanges: [cache, answering] });
  const router = makeRouter(createMemoryHistory({ initialEntries: [scene.path] }));
  root.render(
    <Provider value={client}>
      <RouterProvider router={router} />
    </Provider>,
  );
} else {
  root.render(
    <ul>
      {Object.keys(scenes).map((key) => (
        <li key={key}>
          <a href={`?scene=${key}`}>{key}</a>
        </li>
      ))}
    </ul>,
  );
}
