#!/bin/bash
cat > job.sh <<'EOF'
#!/bin/bash
conda activate a
EOF
bash <<-EOF
	source activate b
	EOF
cat <<\END > notes
conda activate c
END
ssh node1 <<"E"
conda activate d
E
python - <<EOF | tee log
print(1)
EOF
