function () {
  // A Gaussian process of one number, with the symbols of workshop/tuning/surrogate.py: K, k, alpha; noise and signal
  // are variances. And what a trial promises, as in workshop/tuning/acquisition.py, where larger values are better.
  const KERNELS = {  // distance in length scales -> correlation
    "Matérn 5/2": (r) => { const a = Math.sqrt(5) * r; return (1 + a + (a * a) / 3) * Math.exp(-a); },
    "squared exponential": (r) => Math.exp((-r * r) / 2),
    "Matérn 1/2": (r) => Math.exp(-r),
  };
  const dot = (a, b) => { let sum = 0; for (let i = 0; i < a.length; i++) sum += a[i] * b[i]; return sum; };

  function cholesky(K) {  // the lower triangle L, row by row, with K = L L^T
    const L = [];
    for (let i = 0; i < K.length; i++) {
      L.push(new Float64Array(i + 1));
      for (let j = 0; j <= i; j++) {
        let sum = K[i][j];
        for (let m = 0; m < j; m++) sum -= L[i][m] * L[j][m];
        L[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-14)) : sum / L[j][j];
      }
    }
    return L;
  }
  function forward(L, b) {  // L^-1 b
    const v = [];
    for (let i = 0; i < L.length; i++) {
      let sum = b[i];
      for (let m = 0; m < i; m++) sum -= L[i][m] * v[m];
      v.push(sum / L[i][i]);
    }
    return v;
  }
  function backward(L, b) {  // L^-T b
    const v = b.slice();
    for (let i = L.length - 1; i >= 0; i--) {
      for (let m = i + 1; m < L.length; m++) v[i] -= L[m][i] * v[m];
      v[i] /= L[i][i];
    }
    return v;
  }
  function believe(X, y, { kernel, scale, signal, noise, level }) {
    const k = (a, b) => signal * KERNELS[kernel](Math.abs(a - b) / scale);
    const L = cholesky(X.map((a, i) => X.map((b, j) => k(a, b) + (i === j ? noise : 0))));
    const deviation = y.map((value) => value - level), white = forward(L, deviation), alpha = backward(L, white);
    const whitened = (Z) => Z.map((z) => forward(L, X.map((a) => k(z, a))));
    return {
      // RW eq. 2.25 and 2.26
      mean: (Z) => Z.map((z) => level + dot(X.map((a) => k(z, a)), alpha)),
      std: (Z) => whitened(Z).map((v) => Math.sqrt(Math.max(signal - dot(v, v), 1e-12))),
      // RW eq. 2.30
      logLikelihood: L.reduce((sum, row, i) => sum - Math.log(row[i] * Math.sqrt(2 * Math.PI)), -dot(white, white) / 2),
      draws(Z, normals) {  // functions at Z that belong to the belief, one for each array of standard normal numbers
        const v = whitened(Z), mean = this.mean(Z);
        const joint = (i, j) => k(Z[i], Z[j]) - dot(v[i], v[j]) + (i === j ? 1e-6 * signal : 0);
        const factor = cholesky(Z.map((_, i) => Z.slice(0, i + 1).map((_, j) => joint(i, j))));
        return normals.map((some) => mean.map((value, i) => value + dot(factor[i], some)));
      },
    };
  }
  function fitted(X, y, known) {  // the most probable length scale for a log-normal prior around 1, as in surrogate.py
    const losses = Array.from({ length: 42 }, (_, i) => 0.03 * 1.11 ** i).map((scale) => {
      return [Math.log(scale) ** 2 / 2 - believe(X, y, { ...known, scale }).logLikelihood, scale];
    });
    return losses.reduce((a, b) => (b[0] < a[0] ? b : a))[1];
  }
  const density = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  function below(z) {  // the distribution function of the standard normal
    if (Math.abs(z) < 3) {  // 1/2 + density (z + z^3/3 + z^5/(3 5) + ...)
      let term = z, sum = z;
      for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) sum += term *= (z * z) / n;
      return 0.5 + density(z) * sum;
    }
    let tail = Math.abs(z);  // density / (z + 1/(z + 2/(z + 3/(z + ...
    for (let n = 120; n > 0; n--) tail = Math.abs(z) + n / tail;
    return z < 0 ? density(z) / tail : 1 - density(z) / tail;
  }
  const ACQUISITIONS = {  // how much is a place with this belief worth, if larger values are better?
    "expected improvement": (mean, std, best, xi) => {
      const z = (mean - best - xi) / std;
      return std * (z * below(z) + density(z));
    },
    "probability of improvement": (mean, std, best, xi) => below((mean - best - xi) / std),
    "confidence bound": (mean, std, best, kappa) => mean + kappa * std,
    "uncertainty": (mean, std) => std,
  };
  return { KERNELS, ACQUISITIONS, believe, fitted };
}
