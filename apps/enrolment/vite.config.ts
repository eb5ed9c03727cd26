import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, 'pages');

export default defineConfig({
  root,
  // Relative, so that any host, port and path serves the pages.
  base: './',
  // Preact's by Vite itself; no plugin.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      // Has Chromium compile functions while the page loads, not one by one when they are first called.
      output: { postBanner: '//# allFunctionsCalledOnLoad' },
      input: {
        device: join(root, 'index.html'),
        manage: join(root, 'manage/index.html'),
        table: join(root, 'table/index.html'),
      },
    },
  },
});
