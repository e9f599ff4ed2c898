addEventListener("load", async () => {
  const painted = new Promise((done) => {
    const seen = (paints) => paints.getEntriesByName("first-contentful-paint").length && done();
    new PerformanceObserver(seen).observe({ type: "paint", buffered: true });
  });
  const late = new Promise((done) => setTimeout(done, document.hidden ? 0 : 2000));
  await Promise.race([late, painted.then(() => document.fonts.ready)]);
  const scripts = document.importNode(document.querySelector("template#scripts").content, true).querySelectorAll("script");
  const loads = [...scripts].map((script) => {
    script.async = false;
    return new Promise((done) => (script.onload = script.onerror = done));
  });
  document.head.append(...scripts);
  await Promise.all(loads);
  document.dispatchEvent(new Event("DOMContentLoaded"));
  document.documentElement.dataset.ready = "";
});
