/** The loader's own `module` dependency of an AMD module: where this file came from. */
declare module 'amd-module' {
  const module: { id: string; uri?: string };
  export default module;
}
