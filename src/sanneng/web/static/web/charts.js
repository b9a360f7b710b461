// Charts from data that the page carries: labels with values, or with several series.
// The first colour is the page's own, which is lighter on a dark ground.
const COLOURS = [getComputedStyle(document.documentElement).getPropertyValue("--tblr-primary").trim() || "#9e1b1e", "#d9a441", "#3f6c8f", "#6b8e5a"];

function draw(element) {
  const data = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  const small = element.classList.contains("chart-small");
  const series = data.series || [{ name: "", values: data.values }];
  const ink = getComputedStyle(document.body).color;
  const narrow = element.clientWidth < 420;
  const chart = echarts.init(element, null, { renderer: "svg" });
  chart.setOption({
    color: COLOURS,
    animation: false,
    textStyle: { fontFamily: "inherit" },
    grid: { left: small ? 0 : 8, right: small ? 0 : 8, top: small ? 18 : 24, bottom: series.length > 1 ? 32 : 4, containLabel: true },
    tooltip: { trigger: "axis" },
    legend: { type: "scroll", show: series.length > 1, bottom: 0, textStyle: { color: ink } },
    xAxis: {
      type: "category", data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { opacity: 0.3 } },
      axisLabel: { interval: 0, rotate: narrow && data.labels.length > 6 ? 45 : 0, color: ink, fontSize: small ? 11 : 13 },
    },
    yAxis: { type: "value", show: false },
    series: series.map((one, place) => ({
      name: one.name, type: "bar", data: one.values.map((value, at) => (data.partial && at === one.values.length - 1 ? { value, itemStyle: { color: `${COLOURS[place]}73` } } : value)), barMaxWidth: small ? 22 : 36,
      itemStyle: { borderRadius: [3, 3, 0, 0] }, label: { show: true, position: "top", color: ink, fontSize: 11 },
    })),
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}

document.querySelectorAll("[data-chart]").forEach(draw);
