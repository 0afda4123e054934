"""Signing in to Huawei Cloud: by signature, by a token of IAM, by a ready one."""
