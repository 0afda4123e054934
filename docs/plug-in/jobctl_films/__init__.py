"""Providers of jobctl for a studio that dubs and renders films."""
