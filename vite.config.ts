import { defineConfig } from 'vite';

// The flow pages, built twice from the same components; scripts/build-web.mjs runs both.
export default defineConfig(({ isSsrBuild }) => ({
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Self-contained: the server loads one file, wherever it lies.
  ssr: { noExternal: true },
  build: isSsrBuild ? server : client,
}));

const client = {
  target: 'es2022',
  manifest: 'manifest.json',
  assetsDir: 'assets',
  // A file inlined as a data: URI would be blocked by the content security policy.
  assetsInlineLimit: 0,
  modulePreload: false,
  rolldownOptions: { input: 'src/web/flow/entry-client.tsx' },
} as const;

const server = {
  target: 'node20',
  ssr: 'src/web/flow/entry-server.tsx',
  minify: false,
  rolldownOptions: { output: { entryFileNames: 'entry-server.js' } },
} as const;
