import { registerHooks } from 'node:module';

/** Given to node's `--import`: the process says so on standard error when it loads anything that speaks GraphQL. */
registerHooks({
  load(url, context, next) {
    if (/node_modules\/(graphql|@apollo|@pothos)\//.test(url)) process.stderr.write('GraphQL is loaded\n');
    return next(url, context);
  },
});
