"""The log-sum-exp trick in the terms of language models: scores, probabilities, sentences.

python examples/language_terms.py
"""

import numpy as np

import stablemath_core as sm

scores = np.array([1000.0, 1000.0, 1000.0])
with np.errstate(over="ignore"):
    print("exp(x)                  ", np.exp(scores))
print("logsumexp(x)            ", sm.logsumexp(scores))
print("exp(x - logsumexp(x))   ", np.exp(scores - sm.logsumexp(scores)))
print("softmax(x)              ", sm.softmax(scores))

# The probability of a sentence is a product of many small numbers: it underflows, its logarithm does not.
rng = np.random.default_rng(0)
words = np.log(rng.uniform(1e-4, 1e-2, size=(3, 200)))
sentences = words.sum(axis=1)
print("\nthree sentences of 200 words")
print("probabilities           ", np.exp(sentences))
print("their logarithms        ", sentences)
print("log of any of the three ", sm.logsumexp(sentences))
print("which of the three      ", sm.softmax(sentences))
