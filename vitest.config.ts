import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{schemas,producers,stream-processors,serving,batch,infra}/**/*.test.ts'],
          exclude: ['**/*.int.test.ts', '**/*.e2e.test.ts', '**/node_modules/**', 'dist/**'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['infra/**/*.e2e.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'int',
          globalSetup: ['infra/servers/global-setup.fixture.ts'],
          include: ['{schemas,producers,stream-processors,serving,batch,infra}/**/*.int.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**'],
          maxWorkers: 2,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
