import './trusted-types';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { client } from './api/client';
import { makeRouter } from './router';
import { applyTheme } from './shell/theme';
import './styles.css';

applyTheme();
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Provider value={client}>
        <RouterProvider router={makeRouter()} />
      </Provider>
    </StrictMode>,
  );
