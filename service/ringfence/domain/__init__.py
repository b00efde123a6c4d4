"""The words of Ringfence and their rules, without input or output."""
