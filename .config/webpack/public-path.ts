import plugin from 'amd-module';

declare let __webpack_public_path__: string;

// Lazy chunks lie beside module.js, whose address only the page knows: Grafana may serve plugins under a sub-path or from a CDN.
if (plugin.uri) {
  __webpack_public_path__ = plugin.uri.slice(0, plugin.uri.lastIndexOf('/') + 1);
}
