import { cleanLocation } from './clean-location.ts';

// Before anything else: the link's secret leaves the address bar (T08).
cleanLocation();

import { hydrate } from 'preact';
import { App } from './app.tsx';
import './flow.css';
import { showLocalTimes } from './local-time.ts';
import { readState } from './state.ts';

const root = document.getElementById('root');
const state = readState(document.getElementById('state')?.textContent ?? '');
if (root && state) hydrate(<App input={state} />, root);
else showLocalTimes(document);

// A page that comes back from the browser's memory shows a step that is over.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload();
});
