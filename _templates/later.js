addEventListener("load", async () => {
  const painted = new Promise((done) => {
    const seen = (paints) => paints.getEntriesByName("first-contentful-paint").length && done();
    new PerformanceObserver(seen).observe({ type: "paint", buffered: true });
  });
  const late = new Promise((done) => setTimeout(done, document.hidden ? 0 : 2000));
  await Promise.race([late, painted.then(() => document.fonts.ready)]);
  const sources = JSON.parse(document.getElementById("scripts").textContent);
  const loads = sources.map((src) => {
    const script = Object.assign(document.createElement("script"), { src, async: false });
    const end = new Promise((done) => (script.onload = script.onerror = done));
    document.head.append(script);
    return end;
  });
  await Promise.all(loads);
  document.dispatchEvent(new Event("DOMContentLoaded"));
  document.documentElement.dataset.ready = "";
});
