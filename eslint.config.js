const js = require('@eslint/js');
const tseslint = require('typescript-eslint');

const readonly = (...names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

module.exports = tseslint.config(
  { ignores: ['dist/', 'build*/', 'coverage/', '.cache/', 'native/', 'firmware/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  { files: ['src/**/*.ts'], rules: { 'no-console': 'error' } },
  {
    // The library takes bytes, ports and signals; only the program owns the process.
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['exit', 'exitCode', 'stdin', 'stdout', 'stderr'].map((property) => ({ object: 'process', property })),
      ],
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: readonly('require', 'module', '__dirname', 'process') },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: readonly('process', 'console', 'performance', 'Buffer', 'URL') } },
);
