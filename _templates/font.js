if (location.protocol.startsWith("http")) {
  const href = `${document.documentElement.dataset.content_root}_static/fonts/built-serif.woff2`;
  const link = Object.assign(document.createElement("link"), { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href });
  document.head.append(link);
}
