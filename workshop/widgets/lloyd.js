function () {
  // k-means, step by step, as in workshop/models/kmeans.py: points and centres are pairs, labels numbers of centres.
  const squared = ([x, y], [a, b]) => (x - a) * (x - a) + (y - b) * (y - b);

  function assign(points, centers) {  // each point to the nearest centre; the first, if several are equally near
    return points.map((point) => {
      let nearest = 0;
      for (let j = 1; j < centers.length; j++) {
        if (squared(point, centers[j]) < squared(point, centers[nearest])) nearest = j;
      }
      return nearest;
    });
  }
  function move(points, centers, labels) {  // each centre to the mean of its points; without points it stays
    const sums = centers.map(() => [0, 0, 0]);
    points.forEach(([x, y], i) => {
      const sum = sums[labels[i]];
      sum[0] += x;
      sum[1] += y;
      sum[2] += 1;
    });
    return centers.map((center, j) => (sums[j][2] ? [sums[j][0] / sums[j][2], sums[j][1] / sums[j][2]] : center));
  }
  const inertia = (points, centers, labels) =>
    points.reduce((sum, point, i) => sum + squared(point, centers[labels[i]]), 0);
  return { assign, move, inertia };
}
