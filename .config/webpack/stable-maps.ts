import type { Compiler } from 'webpack';

/** `?_cache=<hash>` of a chunk's file name, and the same hash in webpack's own table of chunks. */
const HASHES = /\?_cache=[0-9a-f]{20}|(?<=\\")[0-9a-f]{20}(?=\\")/g;

/**
 * Takes chunk hashes out of source maps. Webpack writes those of before the last optimisation there, which depend on the
 * folder of the build; the same sources should make the same files wherever they lie.
 */
export class StableMaps {
  apply(compiler: Compiler): void {
    const { Compilation, sources } = compiler.webpack;
    compiler.hooks.compilation.tap('StableMaps', (compilation) => {
      compilation.hooks.processAssets.tap({ name: 'StableMaps', stage: Compilation.PROCESS_ASSETS_STAGE_REPORT }, (assets) => {
        for (const [name, source] of Object.entries(assets)) {
          if (/\.map(?:\?|$)/.test(name)) {
            compilation.updateAsset(name, new sources.RawSource(source.source().toString().replace(HASHES, '')));
          }
        }
      });
    });
  }
}
