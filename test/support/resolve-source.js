/** Resolves `import('./login.js')` to `./login.ts`, because dynamic imports name the built file. */
module.exports = (request, options) => {
  try {
    return options.defaultResolver(request, options);
  } catch (error) {
    if (!/^\.{1,2}\/.*\.js$/.test(request) || options.basedir.includes('node_modules')) throw error;
    return options.defaultResolver(request.replace(/\.js$/, '.ts'), options);
  }
};
